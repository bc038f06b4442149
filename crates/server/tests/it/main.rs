//! The door from outside: requests through the whole router, against a real database with a program installed. One file
//! a resource, laid out like the URLs; answers are snapshots.

mod shop;

mod bulk;
mod cases;
mod consents;
mod console;
mod customers;
mod edge;
mod exports;
mod feedback;
mod idempotency;
mod keys;
mod letters;
mod listen;
mod live;
mod manual;
mod openapi;
mod orders;
mod people;
mod points;
mod postgres;
mod problems;
mod programs;
mod proof;
mod refusals;
mod segment;
mod sensitive;
mod shops;
mod single_sign_on;
mod staff;
mod thrown;
mod tls;
mod webhooks;
