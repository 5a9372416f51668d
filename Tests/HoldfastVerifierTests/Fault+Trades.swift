extension Fault {
    /// Trades between two servers of which one half is done.
    static let trades: [Fault] = [
        Fault("a trade is begun and never decided", half: 1, coinsAgree: false) { history in
            let (near, far) = try history.meet()
            try history.begin("t", near: near, far: far, coins: 30)
        },
        Fault("a trade is begun, and its far side never heard of it", half: 1, coinsAgree: false) { history in
            let (near, far) = try history.meet()
            try history.begin("t", near: near, far: far, coins: 30)
            try history.sql("DELETE FROM operation WHERE type = 'holdfast.trade.leg'")
        },
        Fault("the far side is applied without a decision", half: 1) { history in
            let (near, far) = try history.meet()
            try history.begin("t", near: near, far: far, coins: 30)
            try history.commit("t", near: near, far: far, coins: 30, back: 20, isDecided: false)
        },
        Fault("a trade is aborted although its far side was applied", half: 1) { history in
            let (near, far) = try history.meet()
            try history.begin("t", near: near, far: far, coins: 30)
            try history.commit("t", near: near, far: far, coins: 30, back: 20, isDecided: false)
            try history.decide("t", "aborted")
        },
        Fault("what was set aside is gone", half: 1, coinsAgree: false) { history in
            let (near, far) = try history.meet()
            try history.begin("t", near: near, far: far, coins: 30)
            try history.abort("t", near: near, coins: 30, isRefunded: false)
        },
        Fault("a trade is committed, and what was set aside goes back", half: 1, coinsAgree: false) { history in
            let (near, far) = try history.meet()
            try history.begin("t", near: near, far: far, coins: 30)
            try history.commit("t", near: near, far: far, coins: 30, back: 20)
            try history.sql(
                """
                INSERT INTO operation (deployment, collection, key, id, type, payload, state, attempts, delivered_at)
                VALUES (1, 'players', x'33', CAST('trade:t:refund' AS BLOB), 'demo.receive',
                    CAST('{"coins":30}' AS BLOB), 'pending', 0, 0)
                """)
        },
        Fault("what was given is lost", half: 1, coinsAgree: false) { history in
            let (near, far) = try history.meet()
            try history.begin("t", near: near, far: far, coins: 30)
            try history.commit("t", near: near, far: far, coins: 30, back: 20)
            try history.settle("trade:t:give", "expired")
        },
        Fault("a trade that was acknowledged as committed was aborted", half: 1) { history in
            let (near, far) = try history.meet()
            try history.begin("t", near: near, far: far, coins: 30)
            try history.abort("t", near: near, coins: 30)
            history.end("t", "committed")
        },
        Fault("a trade that was acknowledged as aborted was committed", half: 1) { history in
            let (near, far) = try history.meet()
            try history.begin("t", near: near, far: far, coins: 30)
            try history.commit("t", near: near, far: far, coins: 30, back: 20)
            history.end("t", "aborted")
        },
        Fault("a trade of one server that was acknowledged has no decision", half: 1) { history in
            history.end("t", "committed")
        },
        Fault("a gift is received twice", coinsAgree: false) { history in
            let (near, far) = try history.meet()
            try history.begin("t", near: near, far: far, coins: 30)
            try history.commit("t", near: near, far: far, coins: 30, back: 20)
            try history.receive("give", of: "t", near, coins: 40)
        },
    ]
}
