extension Fault {
    /// Worlds that are not saved as a whole, or by somebody else.
    static let worlds: [Fault] = [
        Fault("fields are saved without the chunk that was built in", torn: 1) { history in
            var (holder, world, _) = try history.build()
            world.builds += 1
            try history.save(world, by: holder) { _ in false }
        },
        Fault("a chunk is saved without its fields", torn: 1) { history in
            let (holder, world, _) = try history.build()
            var built = world
            built.builds += 1
            try history.save(built, by: holder, isAcknowledged: false)
            try history.save(world, by: holder) { $0 == 0 }
        },
        Fault("coins are in the fields and not in the chest", torn: 1) { history in
            var (holder, world, player) = try history.build()
            world.tradedIn += 10
            try history.save(player) { $0.tradedOut += 10 }
            try history.save(world, by: holder) { $0 != 0 }
        },
        Fault("a chunk is gone", torn: 1) { history in
            _ = try history.build()
            try history.sql("DELETE FROM part WHERE name = CAST('chunk/2,0' AS BLOB)")
        },
        Fault("a chunk cannot be read", torn: 1) { history in
            _ = try history.build()
            try history.sql("UPDATE part SET payload = x'00' || payload WHERE name = CAST('chunk/2,0' AS BLOB)")
        },
        Fault("a chunk is of a version that was never committed", torn: 1) { history in
            _ = try history.build()
            try history.sql("UPDATE part SET version = 9 WHERE name = CAST('chunk/2,0' AS BLOB)")
        },
        Fault("a world has a part that nobody builds", torn: 1) { history in
            _ = try history.build()
            try history.sql("UPDATE part SET name = CAST('chunk/4,0' AS BLOB) WHERE name = CAST('chunk/2,0' AS BLOB)")
        },
        Fault("a server opens a world with an old chunk", torn: 1) { history in
            let (holder, world, _) = try history.build()
            history.enter(world, by: holder, markers: [1: 5, 2: 3, 3: 7])
        },
        Fault("a server opens a world with another chest", torn: 1) { history in
            let (holder, world, _) = try history.build()
            history.enter(world, by: holder, chest: 29)
        },
        Fault("an acknowledged save of a world was never committed", lost: 1) { history in
            let (holder, world, _) = try history.build()
            holder.version += 1
            history.acknowledge(world, by: holder)
        },
        Fault("a later save of a world forgets a build", lost: 1) { history in
            var (holder, world, _) = try history.build()
            world.builds -= 1
            try history.save(world, by: holder, isAcknowledged: false)
        },
        Fault("a superseded server saves a world", stale: 1) { history in
            let (holder, world, _) = try history.build()
            _ = try history.openWorld(world, on: "s1", version: holder.version)
            try history.save(world, by: holder)
        },
        Fault("a server lets a player into a world that another server holds", stale: 1) { history in
            let (holder, _, _) = try history.build()
            history.visit(holder, on: "s1")
        },
        Fault("a server hosts two worlds at once", stale: 1) { history in
            let (holder, world, _) = try history.build()
            let other = try history.openWorld(BuiltWorld(), "town-1:main", on: holder.process)
            for world in [holder, other] { history.visit(world, on: holder.process) }
            history.now += 2 * History.leaseMillis * 1_000_000
            try history.save(world, by: holder)
        },
        Fault("coins come into a chest that nobody gave", coinsAgree: false) { history in
            var (holder, world, _) = try history.build()
            world.tradedIn += 10
            try history.save(world, by: holder)
        },
    ]
}
