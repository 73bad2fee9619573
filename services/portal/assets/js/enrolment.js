// The link of an invitation is /officer/enrolment#TOKEN. What stands behind the # reaches no server and no log: it is taken out of the
// address bar and sent as a form. Without scripts the link is pasted into the field.

const form = document.getElementById('link-form')
const token = /^#([\w.~-]{10,200})$/.exec(location.hash)

if (form && token) {
  history.replaceState(history.state, '', location.pathname)
  form.elements.namedItem('link').value = token[1]
  form.submit()
}
