// An OpenID provider that we did not write, for the tests: whatever login is typed is the subject. Arguments: client file.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { redirect_uri, client_id, client_secret, port = 0 } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const server = createServer((request, response) => handle(request, response));
let handle;
server.listen(port, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id, client_secret, redirect_uris: [redirect_uri], response_types: ['code'], grant_types: ['authorization_code'] }],
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, name: 'Айпери Үлгү кызы', locale: 'ky' }) }),
    claims: { openid: ['sub', 'name', 'locale'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ['of a test'] },
  });
  handle = provider.callback();
  console.log(JSON.stringify({ issuer }));
});
