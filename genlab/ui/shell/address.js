// Where the server's routes are: beside the page, whatever both are served under. Part of every component; genlab/server/address.py is its twin.

export const routeAt = (route) => new URL(route, document.baseURI).href;

export const socketAt = (route) => routeAt(route).replace(/^http/, 'ws');

// Another token for a page that the server does not know any more, since it was started anew; the old one where it gives none and says why.
export async function freshToken(token, onTrouble) {
  const answer = await fetch(routeAt('api/token')),
    said = await answer.text();
  if (answer.ok) return said;
  onTrouble(said);
  return token;
}
