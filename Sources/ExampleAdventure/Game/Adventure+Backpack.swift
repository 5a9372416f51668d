import Holdfast
import HoldfastGameplay

extension Adventure {
    /// Tidies up: slots are split, moved, merged and swapped, and nothing is made or lost by it.
    func tidyUp(_ session: Session<Player>) throws {
        try session.edit { player in
            try player.inventory.split(0, count: 10, into: 20)
            try player.inventory.move(from: 20, to: 21)
            try player.inventory.merge(21, into: 0)
            try player.inventory.swap(0, 8)
        }
        let inventory = session.document.inventory
        summary.check(
            inventory.count(of: .wood) == 40 && inventory.hotbar.last?.stack?.count == 40,
            "forty planks of wood lie in the last slot of the hotbar")
    }

    /// Drinks potions: what happens where one works already is said by the rule.
    func drinkPotions(_ session: Session<Player>) throws {
        let now = clock.now()
        try session.edit { player in
            for _ in 1...2 {
                try player.effects.give("strength", for: .seconds(30), .stack, maximumStacks: 5, at: now)
                try player.effects.give("haste", for: .seconds(30), .extend, at: now)
                try player.effects.give("luck", for: .seconds(30), .refresh, at: now)
            }
            try player.effects.give("shield", for: .seconds(30), .replace, at: now)
            try player.effects.give("shield", for: .seconds(5), .ignore, at: now)
        }
        let later = session.document.effects.active(at: now + 45_000)
        summary.check(
            Set(later.keys) == ["strength", "haste"] && later["strength"]?.stacks == 2,
            "two potions of strength work twice as long and twice as much, two of luck no longer than one")
    }
}
