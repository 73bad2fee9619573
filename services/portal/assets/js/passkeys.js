// Asks the device for a passkey: <form data-passkey="create|get" data-question="…"> fetches the question, the device answers, and the
// answer is sent with the form, so that all that follows is an ordinary page. What can go wrong is said in the form's own words.

const decoded = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (sign) => sign.charCodeAt(0))
const encoded = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
const named = (list = []) => list.map((each) => ({ ...each, id: decoded(each.id) }))

async function shown(kind, options) {
  const publicKey = { ...options, challenge: decoded(options.challenge) }
  if (kind === 'create') {
    publicKey.user = { ...options.user, id: decoded(options.user.id) }
    publicKey.excludeCredentials = named(options.excludeCredentials)
  } else publicKey.allowCredentials = named(options.allowCredentials)
  const made = await navigator.credentials[kind]({ publicKey })
  const response = {}
  for (const part of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'])
    if (made.response[part]) response[part] = encoded(made.response[part])
  if (made.response.getTransports) response.transports = made.response.getTransports()
  const { id, type, authenticatorAttachment } = made
  return { id, rawId: encoded(made.rawId), type, authenticatorAttachment, response, clientExtensionResults: {} }
}

function say(form, what, link) {
  const place = form.querySelector('[data-said]')
  place.textContent = place.dataset[what]
  if (link) {
    const there = document.createElement('a')
    there.className = 'govuk-link'
    there.href = there.textContent = link
    place.append(' ', there)
  }
  place.hidden = false
}

const elsewhere = (host) => host && location.hostname !== host && !location.hostname.endsWith(`.${host}`)

async function answer(form) {
  const body = new URLSearchParams(new FormData(form))
  const asked = await fetch(form.dataset.question, { method: 'POST', body, headers: { Accept: 'application/json' } })
  if (!asked.ok || asked.redirected) return form.submit() // the page that answers tells more
  const question = await asked.json()
  if (question.again) return form.submit()
  const { options, ceremony, binding } = question
  const host = options.rpId ?? options.rp?.id
  if (elsewhere(host)) return say(form, 'elsewhere', location.href.replace(location.hostname, host))
  try {
    const credential = await shown(form.dataset.passkey, options)
    form.elements.namedItem('answer').value = JSON.stringify({ ceremony, binding, credential })
  } catch (error) {
    return say(form, { NotAllowedError: 'cancelled', AbortError: 'cancelled', InvalidStateError: 'known' }[error.name] ?? 'failed')
  }
  form.submit()
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  form.hidden = false
  form.addEventListener('submit', (event) => {
    if (event.submitter?.name === 'then') return // the language is changed
    event.preventDefault()
    form.querySelector('[data-said]').hidden = true
    if (!window.PublicKeyCredential || !navigator.credentials) say(form, 'unsupported')
    else answer(form).catch(() => say(form, 'failed'))
  })
}
