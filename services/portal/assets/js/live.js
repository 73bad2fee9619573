// Keeps parts of a page as they are on the server, where changes are told by an event stream. Loaded with htmx, on live pages only.
//
//     <div id="queue" data-live="/changes/officer" data-live-on="application reset"
//          hx-get="/officer?page=2" hx-trigger="live" hx-select="#queue" hx-swap="outerMorph">
//
// An event of one of these names fires "live" at the element, at most every 400 ms, and htmx fetches it anew. The stream holds a connection
// only while the page is seen: on return, and after a lost connection, the element is fetched once, because events may have been missed.

const PAUSE = 400
const RETRY = [1000, 2000, 5000, 10000, 30000]
const EVERYTHING = Symbol('what may have been missed')

const addresses = new Set([...document.querySelectorAll('[data-live]')].map((element) => element.dataset.live))
for (const address of addresses) follow(address)

function follow(address) {
  let stream, timer, retry
  let missed = false // true once a connection was given up
  let failures = 0
  const waiting = new Set()
  // asked for each time: a swap may have replaced the elements
  const listeners = () => [...document.querySelectorAll('[data-live]')].filter((element) => element.dataset.live === address)
  const namesOf = (element) => (element.dataset.liveOn || 'message').split(/\s+/)
  const names = new Set(listeners().flatMap(namesOf))

  function changed(name) {
    waiting.add(name)
    timer ??= setTimeout(() => {
      timer = undefined
      for (const element of listeners())
        if (waiting.has(EVERYTHING) || namesOf(element).some((each) => waiting.has(each))) window.htmx.trigger(element, 'live')
      waiting.clear()
    }, PAUSE)
  }

  function open() {
    if (stream || document.hidden) return
    stream = new EventSource(address)
    stream.onopen = () => {
      failures = 0
      tell(true)
      if (missed) changed(EVERYTHING)
      missed = false
    }
    stream.onerror = () => {
      close()
      tell(false)
      retry = setTimeout(open, RETRY[Math.min(failures++, RETRY.length - 1)])
    }
    for (const name of names) stream.addEventListener(name, () => changed(name))
  }

  function close() {
    clearTimeout(retry)
    stream?.close()
    stream = undefined
    missed = true
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
  window.addEventListener('pagehide', close)
  window.addEventListener('pageshow', (event) => event.persisted && open())
  open()
}

// Signed out meanwhile, or the page is gone: show what the server says now. A passing error leaves what is seen as it is.
document.addEventListener('htmx:before:response', (event) => {
  const { raw } = event.detail.ctx.response
  if (raw.ok && !raw.redirected) return
  event.preventDefault()
  if (raw.redirected || [401, 403, 404].includes(raw.status)) location.reload()
})

function tell(on) {
  for (const notice of document.querySelectorAll('[data-live-notice]')) {
    const text = on ? notice.dataset.on : notice.dataset.off
    notice.hidden = false
    notice.classList.toggle('eshik-notice--off', !on)
    if (notice.textContent !== text) notice.textContent = text
  }
}
