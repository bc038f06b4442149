// RudderStack's Node SDK, unchanged.
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { host, key, order, phases, user } from "./talk.mjs";

const analytics = new RudderAnalytics(key, {
  dataPlaneUrl: host, flushAt: 10, flushInterval: 100, retryCount: 20, logLevel: "silly",
});
const said = (call, message) => new Promise((through, failed) =>
  analytics[call](message, (error) => (error ? failed(error) : through())));

await phases(async (phase, numbers) => {
  const all = numbers.map((n) =>
    said("track", { userId: user, event: "Client Tested", properties: { n, phase } }));
  if (phase === "calm") {
    all.push(said("identify", { userId: user, traits: { name: `Name of ${user}` } }));
    all.push(said("page", { userId: user, category: "Shop", name: "Latte" }));
    all.push(said("screen", { userId: user, name: "Latte" }));
    all.push(said("group", { userId: user, groupId: "north", traits: { name: "North" } }));
    all.push(said("alias", { previousId: `anonymous-${user}`, userId: user }));
    all.push(said("track", { userId: user, event: "Order Completed", properties: order }));
  }
  await Promise.all(all);
});
