// The code on a paper leads to /v/#SEAL. What stands behind the # reaches no server and no log: it is taken out of the address bar and
// sent as a form, so that the answer is an ordinary page. Without scripts the page says what to type instead.

const SEAL = /^#([A-Z2-7]{20,})$/i // nothing else on the page has such an address

const form = document.getElementById('seal-form')

function send() {
  const found = SEAL.exec(location.hash)
  if (!form || !found) return
  history.replaceState(history.state, '', location.pathname)
  form.elements.namedItem('seal').value = found[1]
  form.hidden = false // what was read can be sent again by hand, should the line break
  form.submit()
}

window.addEventListener('hashchange', send) // another code, opened in the same tab
window.addEventListener('pageshow', (event) => {
  if (event.persisted && form) form.hidden = true
})
send()
