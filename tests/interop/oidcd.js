/*
 * An OAuth2 server (npm oidc-provider) and the message API it protects, which
 * asks that server's own store whether a token is one of its.  Prints its URL,
 * then a line for each request: "token STATUS", "message TO" or "refused".
 *
 * node oidcd.js SECONDS-A-TOKEN-LIVES
 */
const http = require('http');
const { pathToFileURL } = require('url');

const RESOURCE = 'https://sms.example/api?v=1&x=y';
const HARD = { id: 'app:/+&=% x"~', secret: 's3:/+&=%20 ;"\\~*()' };
const ttl = Number(process.argv[2]);
let provider, sent = 0;

const client = (client_id, client_secret, how) => ({
	client_id, client_secret, token_endpoint_auth_method: how,
	grant_types: ['client_credentials'], redirect_uris: [],
	response_types: [],
});

async function read(req) {
	let body = '';
	for await (const chunk of req)
		body += chunk;
	return body;
}

async function message(req, res) {
	const body = await read(req);
	const bearer = /^Bearer (\S+)$/.exec(req.headers.authorization || '');
	const token = bearer &&
		await provider.ClientCredentials.find(bearer[1]);
	if (!token || token.isExpired || token.aud !== RESOURCE) {
		console.log('refused');
		res.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end();
		return;
	}
	console.log('message', JSON.parse(body).to);
	res.writeHead(202, { 'Content-Type': 'application/json' })
		.end(JSON.stringify({ id: `m${++sent}` }));
}

const server = http.createServer((req, res) => {
	if (req.url === '/sms')
		return message(req, res);
	res.on('finish', () => console.log('token', res.statusCode));
	return provider.callback()(req, res);
});

server.listen(0, '127.0.0.1', async () => {
	const url = `http://127.0.0.1:${server.address().port}`;
	const { default: Provider } = await import(
		pathToFileURL(require.resolve('oidc-provider')));
	provider = new Provider(url, {
		clients: [
			client('basic', 'basic-secret-of-some-length',
				'client_secret_basic'),
			client('post', 'post-secret-of-some-length',
				'client_secret_post'),
			client(`${HARD.id}b`, HARD.secret,
				'client_secret_basic'),
			client(`${HARD.id}p`, HARD.secret,
				'client_secret_post'),
		],
		features: {
			clientCredentials: { enabled: true },
			devInteractions: { enabled: false },
			resourceIndicators: {
				enabled: true,
				getResourceServerInfo: () => ({
					audience: RESOURCE, scope: 'send',
					accessTokenFormat: 'opaque',
					accessTokenTTL: ttl,
				}),
			},
		},
		ttl: { ClientCredentials: ttl },
	});
	console.log('url', url);
});
