// Segment's analytics-node, unchanged.
import { Analytics } from "@segment/analytics-node";
import { host, key, order, phases, user } from "./talk.mjs";

const analytics = new Analytics({ writeKey: key, host, flushAt: 10, maxRetries: 20 });
analytics.on("error", (error) => console.error("analytics-node", error.code, error.reason ?? ""));

await phases(async (phase, numbers) => {
  for (const n of numbers) {
    analytics.track({ userId: user, event: "Client Tested", properties: { n, phase } });
  }
  if (phase === "calm") {
    analytics.identify({ userId: user, traits: { name: `Name of ${user}` } });
    analytics.page({ userId: user, category: "Shop", name: "Latte" });
    analytics.screen({ userId: user, name: "Latte" });
    analytics.group({ userId: user, groupId: "north", traits: { name: "North" } });
    analytics.alias({ previousId: `anonymous-${user}`, userId: user });
    analytics.track({ userId: user, event: "Order Completed", properties: order });
  }
  await analytics.flush({ timeout: 60_000 });
});
