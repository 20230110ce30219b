// Talking to the server that the page is from.

async function answer(r) {
  let body;
  try {
    body = await r.json();
  } catch {
    throw new Error(`the server answered ${r.status} and no JSON`);
  }
  if (!r.ok) throw Object.assign(new Error(body.error || `the server answered ${r.status}`), {status: r.status});
  return body;
}

async function reach(path, options) {
  let r;
  try {
    r = await fetch(path, options);
  } catch {
    throw new Error('the server does not answer: is ptsim serve still running?');
  }
  return answer(r);
}

export const get = (path) => reach(path);

export const ask = (path, body) => reach(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
