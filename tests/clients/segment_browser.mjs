// Segment's analytics-next, as a browser runs it, in a page made by jsdom.
import { JSDOM } from "jsdom";
import { host, key, order, phases, user } from "./talk.mjs";

const { window } = new JSDOM("<!doctype html><title>Latte</title>", {
  url: "https://shop.example/latte", pretendToBeVisual: true,
});
for (const name of ["window", "document", "navigator", "location", "localStorage", "sessionStorage", "XMLHttpRequest",
  "Event", "CustomEvent", "HTMLElement", "Node"]) {
  const value = name === "window" ? window : window[name];
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
window.fetch = fetch;
const { AnalyticsBrowser } = await import("@segment/analytics-next");

const place = new URL(host);
const analytics = AnalyticsBrowser.load(
  { writeKey: key, cdnURL: host },
  { integrations: { "Segment.io": { apiHost: `${place.host}/v1`, protocol: "http" } }, initialPageview: false },
);
await analytics.identify(user, { name: `Name of ${user}` });

await phases(async (phase, numbers) => {
  for (const n of numbers) await analytics.track("Client Tested", { n, phase });
  if (phase === "calm") {
    await analytics.page("Shop", "Latte");
    await analytics.screen("Shop", "Latte");
    await analytics.group("north", { name: "North" });
    await analytics.track("Order Completed", order);
  }
});
