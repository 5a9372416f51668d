extension Fault {
    /// Promise I3.
    static let operations: [Fault] = [
        Fault("an operation takes effect twice", duplicate: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.deliver("r", to: "3", coins: 30)
            try history.save(holder, applying: ["r"]) {
                $0.rewarded += 60
                $0.rewards += 2
            }
        },
        Fault("an operation is acknowledged as applied in two versions", duplicate: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.deliver("r", to: "3", coins: 30)
            for _ in 0..<2 {
                try history.save(holder, applying: ["r"]) {
                    $0.rewarded += 30
                    $0.rewards += 1
                }
            }
        },
        Fault("an effect has no receipt", duplicate: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.deliver("r", to: "3", coins: 30)
            try history.save(holder) {
                $0.rewarded += 30
                $0.rewards += 1
            }
        },
        Fault("a receipt has no effect", missing: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.deliver("r", to: "3", coins: 30)
            try history.save(holder, applying: ["r"])
        },
        Fault("a reward brings other coins than were delivered", duplicate: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.deliver("r", to: "3", coins: 30)
            try history.save(holder, applying: ["r"]) {
                $0.rewarded += 31
                $0.rewards += 1
            }
        },
        Fault("a receipt exists and no document does", missing: 1, coinsAgree: false) { history in
            try history.deliver("r", to: "3", coins: 30)
            try history.sql("UPDATE operation SET state = 'applied' WHERE key = x'33'")
        },
        Fault("an acknowledged delivery has no row", missing: 1) { history in
            history.journalDelivery("r", to: "3", coins: 30)
        },
        Fault("a delivery is stored with other coins", missing: 1) { history in
            try history.deliver("r", to: "3", coins: 30)
            try history.sql(#"UPDATE operation SET payload = CAST('{"coins":3}' AS BLOB) WHERE key = x'33'"#)
        },
        Fault("an acknowledged application is still pending", duplicate: 1, missing: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.deliver("r", to: "3", coins: 30)
            let saveID = try history.commit(holder) {
                $0.rewarded += 30
                $0.rewards += 1
            }
            history.acknowledge(saveID, by: holder, applying: ["r"])
        },
        Fault("one delivery makes two rows", duplicate: 1) { history in
            try history.deliver("r", to: "3", coins: 30)
            try history.deliver("r", to: "3", coins: 30)
        },
        Fault("an application names a version that was never committed", lost: 1) { history in
            let holder = try history.open("3", on: "s1")
            try history.deliver("r", to: "3", coins: 30)
            try history.save(holder, applying: ["r"]) {
                $0.rewarded += 30
                $0.rewards += 1
            }
            history.journals["s1"]?.removeLast()
            history.journal("applied", by: holder, #""id":"r","version":9"#)
        },
        Fault("a step takes effect and is not committed with it", duplicate: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.deliver("w", to: "3", coins: 10, days: 3)
            try history.save(holder) {
                $0.rewarded += 20
                $0.rewards += 2
            }
            try history.settle("w", "pending", steps: 1)
        },
        Fault("a step is committed without its effect", missing: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.deliver("w", to: "3", coins: 10, days: 3)
            try history.save(holder) {
                $0.rewarded += 20
                $0.rewards += 2
            }
            try history.settle("w", "applied")
        },
        Fault("a dead letter has an effect", duplicate: 1, coinsAgree: false) { history in
            let holder = try history.open("3", on: "s1")
            try history.deliver("m", to: "3", coins: 10, type: "demo.mishap")
            try history.save(holder) {
                $0.rewarded += 10
                $0.rewards += 1
            }
            try history.settle("m", "dead")
        },
        Fault("an operation that was acknowledged as cancelled takes effect", duplicate: 1) { history in
            let holder = try history.open("3", on: "s1")
            try history.deliver("r", to: "3", coins: 30)
            history.journalCancellation("r", of: "3", "cancelled")
            try history.save(holder, applying: ["r"]) {
                $0.rewarded += 30
                $0.rewards += 1
            }
        },
        Fault("an operation that was acknowledged as cancelled waits on", missing: 1) { history in
            try history.deliver("r", to: "3", coins: 30)
            history.journalCancellation("r", of: "3", "cancelled")
        },
        Fault("an operation that has begun is cancelled", missing: 1) { history in
            try history.deliver("r", to: "3", coins: 30)
            history.journalCancellation("r", of: "3", "begun")
            try history.settle("r", "cancelled")
        },
        Fault("a dead letter is sent again and has no new row", missing: 1) { history in
            try history.deliver("m", to: "3", coins: 10, type: "demo.mishap")
            try history.settle("m", "cancelled")
            history.journalRequeue("m", of: "3", as: "m2")
        },
        Fault("a dead letter is sent again and stays one", duplicate: 1) { history in
            for id in ["m", "m2"] { try history.deliver(id, to: "3", coins: 10, type: "demo.mishap") }
            try history.settle("m", "dead")
            history.journalRequeue("m", of: "3", as: "m2")
        },
    ]
}
