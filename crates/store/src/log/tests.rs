use super::*;
use crate::connection::{Place, open_writer};
use crate::migration::migrate;
use crate::payload::SessionDeleted;
use rusqlite::{Connection, TransactionBehavior};
use twin_core::id::SessionId;
use twin_core::time::Timestamp;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_249_000_000)
    }
}

fn open() -> Connection {
    let place = Place::new_memory();
    let mut connection = open_writer(&place).unwrap();
    migrate(&mut connection, &place).unwrap();
    connection
}

fn change() -> Change {
    let id = SessionId::new(StoppedClock.now());
    Change::SessionDeleted(SessionDeleted { id, deleted: true })
}

#[test]
fn many_records_in_a_row_are_numbered_without_looking_each_time() {
    let mut connection = open();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let log = Log::new(&transaction, DeviceId::new(StoppedClock.now()), &StoppedClock);
    let mut looked = 0;
    for _ in 0..5 {
        looked += u32::from(log.end.get().is_none_or(|end| end.changes != transaction.total_changes()));
        log.append(&change()).unwrap();
    }
    assert_eq!(looked, 1);
    let numbers: Vec<(i64, u32)> = transaction
        .prepare("SELECT seq, hlc_counter FROM record ORDER BY order_wall, order_counter")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(numbers, [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)]);
}

#[test]
fn what_else_comes_into_the_log_meanwhile_is_before_what_is_done_then() {
    let mut connection = open();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let device = DeviceId::new(StoppedClock.now());
    let log = Log::new(&transaction, device, &StoppedClock);
    log.append(&change()).unwrap();
    let later = StoppedClock.now().as_millis() + 60_000;
    transaction
        .execute(
            "INSERT INTO record (device, seq, hlc_wall, hlc_counter, kind, version, payload, order_wall, order_counter)
             VALUES (?1, 7, ?2, 3, 'erased', 1, '{}', ?2, 3)",
            params![Column(device), later],
        )
        .unwrap();
    log.append(&change()).unwrap();
    let last = transaction.query_row(
        "SELECT seq, order_wall, order_counter FROM record ORDER BY order_wall DESC, order_counter DESC LIMIT 1",
        [],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, u32>(2)?)),
    );
    assert_eq!(last.unwrap(), (8, later, 4));
}
