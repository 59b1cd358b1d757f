// An identity provider on this machine, with one client. Who signs in is whoever the login_hint names; a hint such as
// "ana:aud" makes the provider lie about that part of the token, under its own good signature.
import { createServer } from 'node:http';
import { SignJWT, UnsecuredJWT, decodeJwt, exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

const [back, secret] = process.argv.slice(2);
const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const stranger = await generateKeyPair('RS256');
const key = { ...(await exportJWK(privateKey)), kid: 'only', alg: 'RS256', use: 'sig' };

const LIES = {
  aud: (claims) => ({ ...claims, aud: 'another-client' }),
  iss: (claims) => ({ ...claims, iss: 'http://127.0.0.1:1' }),
  exp: (claims) => ({ ...claims, iat: claims.iat - 7200, exp: claims.iat - 3600 }),
  nonce: (claims) => ({ ...claims, nonce: 'another-nonce' }),
  nononce: ({ nonce, ...claims }) => claims,
};
const hints = new Map(); // what each account was asked for last

async function retold(token, lie) {
  const claims = decodeJwt(token);
  if (lie === 'none') return new UnsecuredJWT(claims).encode();
  if (lie === 'shared') {
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
  }
  const signer = lie === 'key' ? stranger.privateKey : privateKey;
  const told = LIES[lie] ? LIES[lie](claims) : claims;
  return new SignJWT(told).setProtectedHeader({ alg: 'RS256', kid: 'only' }).sign(signer);
}

const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: 'permanencia', client_secret: secret, redirect_uris: [back], grant_types: ['authorization_code'] }],
  jwks: { keys: [key] },
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub', 'amr'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, { uid }) => `/enter/${uid}` },
  findAccount: (_ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, email: `${sub}@secretaria.example`, email_verified: !sub.startsWith('unchecked') }),
  }),
  async loadExistingGrant(ctx) {
    const grant = new provider.Grant({ accountId: ctx.oidc.session.accountId, clientId: ctx.oidc.client.clientId });
    grant.addOIDCScope('openid email');
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, next) => {
  await next();
  if (ctx.oidc?.route === 'token' && ctx.body?.id_token) {
    const lie = hints.get(decodeJwt(ctx.body.id_token).sub);
    if (lie) ctx.body = { ...ctx.body, id_token: await retold(ctx.body.id_token, lie) };
  }
});

const answer = provider.callback();
server.on('request', async (request, response) => {
  if (!request.url.startsWith('/enter/')) return answer(request, response);
  const { params } = await provider.interactionDetails(request, response);
  const [name, lie] = params.login_hint.split(':');
  hints.set(name, lie);
  const amr = name.startsWith('twice') ? ['pwd', 'otp'] : ['pwd'];
  await provider.interactionFinished(request, response, { login: { accountId: name, amr } });
});
console.log(`ready ${issuer}`);
