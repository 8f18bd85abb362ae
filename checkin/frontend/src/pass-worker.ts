/// <reference lib="webworker" />
/* Keeps the guest's own pass for a door without a network; the network is always asked first. */

const here = self as unknown as ServiceWorkerGlobalScope;
const SHELF = "pass-1";
const PATIENCE_MS = 4_000;

here.addEventListener("install", () => void here.skipWaiting());
here.addEventListener("activate", (event) => event.waitUntil(here.clients.claim()));
here.addEventListener("message", (event) => {
  const addresses = event.data as string[];
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(addresses)));
});
here.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== here.location.origin) return;
  if (pathname.startsWith("/p/") || pathname.startsWith("/static/")) {
    event.respondWith(freshOrKept(event.request));
  }
});

/** Answers from the network, and keeps the answer; without a network, with what was kept. */
async function freshOrKept(request: Request): Promise<Response> {
  const shelf = await caches.open(SHELF);
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (fresh.ok) await shelf.put(request, fresh.clone());
    if (fresh.status === 404) await shelf.delete(request);
    return fresh;
  } catch (error) {
    const kept = await shelf.match(request);
    if (!kept) throw error;
    return kept;
  }
}
