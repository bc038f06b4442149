// How run.py and a client talk: a line in names a phase and its numbers, a line out says that it is through.
import { createInterface } from "node:readline";

export const host = process.env.CLIENT_HOST;
export const key = process.env.CLIENT_KEY;
export const user = process.env.CLIENT_USER;

export const order = {
  order_id: `o-${user}`, currency: "USD", revenue: "12.50",
  products: [{ product_id: "latte", price: "12.50", quantity: 1 }],
};

export async function phases(calls) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [phase, first, last] = line.split(" ");
    const numbers = Array.from({ length: last - first }, (_, at) => Number(first) + at);
    await calls(phase, numbers);
    console.log("through", phase);
  }
  process.exit(0);
}
