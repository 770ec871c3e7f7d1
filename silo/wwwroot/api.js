// Talks to the silo that served this page, and to nobody else: the page's policy allows no other.

const tokenKey = 'pbft.token';

/** A refusal of the silo's, or the silence of one that is not there. */
export class ApiError extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status; // 0: nobody answered
    this.code = code;
  }
}

/** Who asks for the token; app.js sets it. It answers null when the person will not tell one. */
let askForToken = async () => null;

export function setTokenDialog(ask) {
  askForToken = ask;
}

/** Reads a document. */
export function read(path) {
  return exchange('GET', path, undefined, null);
}

/** Reads a document that not every silo has; null where this one has none. */
export async function readIfAny(path) {
  try {
    return await read(path);
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return null;
    throw error;
  }
}

/** Changes something. Where the silo wants a token it is asked for, and kept until this tab is closed, and no longer. */
export async function change(method, path, body) {
  for (;;) {
    const known = sessionStorage.getItem(tokenKey);
    let reason = null; // the first time there is nothing to reproach a person with
    try {
      return await exchange(method, path, body, known);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      if (known !== null) reason = error.message;
    }

    sessionStorage.removeItem(tokenKey);
    const token = await askForToken(reason);
    if (token === null) throw new ApiError(401, 'no-token', 'Nothing was changed: the silo wants its token for that, and got none.');
    sessionStorage.setItem(tokenKey, token);
  }
}

async function exchange(method, path, body, token) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: 'no-store' });
  } catch {
    throw new ApiError(0, 'unreachable', 'The silo does not answer.');
  }

  let document = null;
  try {
    document = await response.json();
  } catch {
    if (response.ok) throw new ApiError(response.status, 'no-json', `What the silo answers to ${path} is no JSON.`);
  }

  if (response.ok) return document;
  throw new ApiError(response.status, document?.code ?? 'failure', document?.detail ?? `The silo answers ${response.status} to ${method} ${path}.`);
}
