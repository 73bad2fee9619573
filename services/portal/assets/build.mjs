// Builds the pages' style, scripts and type into one folder. The same sources give the same bytes and the same names.
//
//     node build.mjs TARGET     writes NAME.HASH.EXT for each file and, last, manifest.json: {logical name: hashed name}
//
// It is run where node_modules is; cli/assets.py sees to that.

import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import * as esbuild from 'esbuild'
import * as sass from 'sass'
import subset from 'subset-font'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const target = process.argv[2]
if (!target) throw new Error('say where to: node build.mjs TARGET')
const manifest = {}

async function keep(name, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  const hashed = `${basename(name, extname(name))}.${hash}${extname(name)}`
  await writeFile(join(target, `${hashed}.draft`), content)
  await rename(join(target, `${hashed}.draft`), join(target, hashed))
  manifest[name] = hashed
}

const span = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const BASIC = [...span(0x20, 0x7e), 0xa0, 0xa7, 0xab, 0xb7, 0xbb, ...span(0x2010, 0x2015), ...span(0x2018, 0x201e), 0x2022, 0x2026, 0x20ac]
const RUSSIAN = [0x401, ...span(0x410, 0x44f), 0x451, 0x2116]
const KYRGYZ = [...'ҢңӨөҮү'].map((letter) => letter.codePointAt(0))

// What every page needs is cut out of the package's files, so that a first visit stays small; the whole files are there for names with other
// letters. The unicode ranges in sass/_type.scss are the same sets.
async function typefaces() {
  const files = join(HERE, 'node_modules/@fontsource-variable/golos-text/files')
  const file = (part) => readFile(join(files, `golos-text-${part}-wght-normal.woff2`))
  const weights = { wght: { min: 400, max: 700, default: 400 } }
  const cut = async (part, points) =>
    subset(await file(part), String.fromCodePoint(...points), { targetFormat: 'woff2', variationAxes: weights })
  await keep('golos-basic.woff2', await cut('latin', BASIC))
  await keep('golos-russian.woff2', await cut('cyrillic', RUSSIAN))
  await keep('golos-kyrgyz.woff2', await cut('cyrillic-ext', KYRGYZ))
  for (const part of ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext']) await keep(`golos-${part}.woff2`, await file(part))
}

async function pictures() {
  const folder = join(HERE, 'images')
  for (const name of (await readdir(folder)).sort()) await keep(name, await readFile(join(folder, name)))
}

async function styles() {
  const compiled = sass.compile(join(HERE, 'sass/app.scss'), {
    style: 'compressed',
    loadPaths: [join(HERE, 'node_modules')],
    quietDeps: true,
    functions: {
      'asset($name)': ([name]) => {
        const hashed = manifest[name.assertString().text]
        if (!hashed) throw new Error(`no such asset: ${name}`)
        return new sass.SassString(`url("${hashed}")`, { quotes: false })
      },
    },
  })
  await keep('app.css', compiled.css)
}

// Each file of js/ is a script of its own; what it imports is put into it.
async function scripts() {
  for (const name of ['app.js', 'live.js', 'seal.js', 'enrolment.js', 'passkeys.js', 'uploads.js']) {
    const built = await esbuild.build({
      entryPoints: [join(HERE, 'js', name)],
      absWorkingDir: HERE,
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: 'es2020',
      legalComments: 'none',
      logLevel: 'error',
    })
    await keep(name, built.outputFiles[0].contents)
  }
  await keep('htmx.js', await readFile(join(HERE, 'node_modules/htmx.org/dist/htmx.min.js')))
}

await mkdir(target, { recursive: true })
await typefaces()
await pictures()
await styles()
await scripts()
const draft = join(target, 'manifest.json.draft')
await writeFile(draft, JSON.stringify(Object.fromEntries(Object.entries(manifest).sort()), null, 1) + '\n')
await rename(draft, join(target, 'manifest.json'))
