// Runs on every page, and only adds: a second click on a button sends nothing, errors take the focus, letters are counted.

import {
  Button,
  CharacterCount,
  Checkboxes,
  createAll,
  ErrorSummary,
  FileUpload,
  NotificationBanner,
  Radios,
  SkipLink,
} from 'govuk-frontend'

// The Content Security Policy allows no script in the page, so these classes come a moment later than they would there.
document.body.classList.add('js-enabled', 'govuk-frontend-supported')

for (const part of [Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload, NotificationBanner, Radios, SkipLink]) createAll(part)

// Links that look like buttons also answer to the space bar. Button sees to that where it was there from the start, not on what a live
// page has taken in since.
document.addEventListener('keydown', (event) => {
  const link = event.key === ' ' && !event.defaultPrevented && event.target.closest('a[role="button"]')
  if (!link) return
  event.preventDefault()
  link.click()
})

// The spoken name of a file button holds commas that are not seen, so that saying what one sees would not find it (WCAG 2.5.3).
for (const comma of document.querySelectorAll('.govuk-file-upload-button > [id$="-comma"]')) {
  comma.textContent = ''
  comma.after(' ')
}

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}
