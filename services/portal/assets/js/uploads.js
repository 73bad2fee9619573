// Sends a file in pieces, shows how far it is, and goes on where it broke off. Without this script the form sends the file at once.

const PIECE = 512 * 1024
const WORTH_IT = 600 * 1024 // what is smaller goes with the form
const WAITS = [1000, 2000, 5000, 10000, 20000, 30000]
const BEGINNINGS = [
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['application/pdf', [0x25, 0x50, 0x44, 0x46]],
]

for (const form of document.querySelectorAll('form[data-upload]')) form.addEventListener('submit', (event) => begin(event, form))

async function begin(event, form) {
  const file = form.querySelector('input[type=file]')?.files[0]
  // what is too large, or of an unknown kind, the page behind the form has words for
  if (!file || file.size < WORTH_IT || file.size > Number(form.dataset.most) || form.dataset.sendingNow) return
  event.preventDefault()
  form.dataset.sendingNow = 'true'
  const kind = await kindOf(file)
  if (!kind) return form.submit()
  const then = event.submitter?.value
  const shown = form.querySelector('[data-sending-part]')
  shown.hidden = false
  for (const button of form.querySelectorAll('button')) button.disabled = true
  try {
    await send(form, file, kind, (text, percent) => tell(shown, text, percent))
    const list = form.action.replace(/\/(attachment|papers\/[^/]+)$/, '')
    location.assign(then === 'list' ? list : then === 'more' ? form.action : form.dataset.next)
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem
    for (const button of form.querySelectorAll('button')) button.disabled = false
    delete form.dataset.sendingNow
    tell(shown, problem.message, 0)
  }
}

class Refused extends Error {}

async function send(form, file, kind, show) {
  const base = form.action.replace(/\/(attachment|papers\/[^/]+)$/, '')
  const remembered = `upload ${form.dataset.upload} ${file.size} ${file.lastModified}`
  let upload = await known(base, sessionStorage.getItem(remembered), file)
  if (!upload) {
    const beside = form.dataset.beside === 'true'
    const fields = { media_type: kind, length: file.size, beside, key: crypto.randomUUID() }
    upload = await asked(() => post(form, form.dataset.upload, fields), show, form)
    sessionStorage.setItem(remembered, upload.id)
  }
  let offset = upload.offset
  try {
    while (true) {
      const percent = Math.floor((offset / file.size) * 100)
      show(offset < file.size ? form.dataset.sending.replace('{percent}', percent) : form.dataset.looking, percent)
      const from = offset
      const piece = file.slice(from, from + PIECE)
      const last = from + piece.size >= file.size
      if (last) show(form.dataset.looking, 100)
      const now = await asked(() => post(form, `${base}/uploads/${upload.id}`, { offset: from, piece }), show, form, async () => {
        const there = await known(base, upload.id, file)
        return there && there.offset !== from ? there : undefined // it came, and only the answer was lost
      })
      if (now.done) return
      offset = now.offset
    }
  } finally {
    if (offset >= file.size) sessionStorage.removeItem(remembered)
  }
}

// Asks again while the line or the service is away. standing: what is there after a question that got no answer.
async function asked(ask, show, form, standing) {
  for (let tries = 0; ; tries++) {
    let answer
    try {
      answer = await ask()
    } catch {
      answer = undefined // no line
    }
    if (answer?.ok) return answer.json()
    const status = answer?.status
    if (status === 409 || status === undefined || status >= 500 || status === 429) {
      if (tries >= WAITS.length * 4) throw new Refused(form.dataset.waiting)
      show(form.dataset.waiting)
      await new Promise((resolve) => setTimeout(resolve, status === 409 ? 100 : WAITS[Math.min(tries, WAITS.length - 1)]))
      const there = await standing?.().catch(() => undefined)
      if (there) return there
      continue
    }
    if (status === 401 || status === 403 || status === 404) location.reload()
    const told = await answer.json().catch(() => ({}))
    throw new Refused(told.detail || '')
  }
}

async function known(base, id, file) {
  if (!id) return undefined
  const answer = await fetch(`${base}/uploads/${id}`, { headers: { Accept: 'application/json' } }).catch(() => undefined)
  if (!answer?.ok) return undefined
  const upload = await answer.json()
  return upload.length === file.size ? upload : undefined
}

function post(form, address, fields) {
  const body = new FormData()
  body.append('csrf_token', form.querySelector('input[name=csrf_token]').value)
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  return fetch(address, { method: 'POST', body })
}

async function kindOf(file) {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer())
  return BEGINNINGS.find(([, beginning]) => beginning.every((byte, place) => head[place] === byte))?.[0]
}

function tell(shown, text, percent) {
  const words = shown.querySelector('[role=status]')
  if (words.textContent !== text) words.textContent = text
  if (percent !== undefined) shown.querySelector('progress').value = percent
}
