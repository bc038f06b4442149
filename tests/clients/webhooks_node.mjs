// A receiver of webhooks that believes only what the Node library standardwebhooks verifies. The first message is
// answered 500, so that it must come again. What was verified is printed, one line a message.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const secret = process.env.CLIENT_SECRET;
let refused = false;

function isVerified(body, headers, withSecret = secret) {
  try {
    new Webhook(withSecret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => { body += chunk; });
  request.on("end", () => {
    const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    const headers = Object.fromEntries(names.map((name) => [name, request.headers[name]]));
    if (!refused) {
      refused = true;
      response.writeHead(500).end();
      return;
    }
    const late = { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) - 600) };
    console.log(JSON.stringify({
      id: headers["webhook-id"],
      type: JSON.parse(body).type,
      verified: isVerified(body, headers),
      altered: isVerified(`${body} `, headers),
      late: isVerified(body, late),
      other: isVerified(body, headers, `whsec_${"A".repeat(43)}=`),
      signatures: headers["webhook-signature"].split(" ").length,
    }));
    response.writeHead(204).end();
  });
}).listen(Number(process.env.CLIENT_PORT), "127.0.0.1");
