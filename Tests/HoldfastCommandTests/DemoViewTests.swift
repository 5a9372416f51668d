import Testing

@testable import HoldfastCommand

struct DemoViewTests {
    private func frame(limit: Duration = .seconds(9)) -> LiveFrame {
        var fleet = DemoFakeFleet(.sample(crashEvery: .seconds(3), freezeEvery: .seconds(4)))
        fleet.run(limit: limit)
        return LiveFrame(fleet.director, pids: ["s1": 4_321], now: fleet.now)
    }

    @Test(
        "no line is wider than the terminal, and no picture higher",
        arguments: [(80, 24), (40, 12), (200, 60), (20, 8)])
    func fits(columns: Int, rows: Int) {
        let lines = LiveView.lines(frame(), title: "4 servers · 60 players", columns: columns, rows: rows)
        for line in lines { #expect(line.text(columns: columns, colored: false).count <= columns) }
        if rows >= 12 { #expect(lines.count <= rows) }
    }

    @Test("a picture keeps its height from start to end")
    func steady() {
        let heights = [Duration.milliseconds(50), .seconds(2), .seconds(9), .seconds(100)].map { limit in
            LiveView.lines(frame(limit: limit), title: "t", columns: 120, rows: 30).count
        }
        #expect(Set(heights).count == 1)
    }

    @Test("each server has a row with its state, and the ticker tells of the crash")
    func content() {
        let text = LiveView.lines(frame(), title: "t", columns: 160, rows: 40).map {
            $0.text(columns: 160, colored: false)
        }
        #expect(text.contains { $0.contains("s1") && $0.contains("4321") || $0.contains("s1.") })
        #expect(text.contains { $0.contains("killed") })
        #expect(text.contains { $0.contains("players online") })
    }

    @Test("colours are left out where they are not wanted")
    func plain() {
        var line = StyledLine("ab", .red)
        line.add("cd")
        #expect(line.text(columns: 3, colored: false) == "abc")
        #expect(line.text(columns: 3, colored: true) == "\u{1B}[31mab\u{1B}[0mc")
    }

    @Test("a bar is as wide as its column", arguments: [-1.0, 0, 0.01, 0.5, 0.99, 1, 7])
    func bar(share: Double) {
        #expect(LiveView.bar(share, width: 14).count == 14)
    }

    @Test("progress without a terminal is one line")
    func progress() {
        let line = LiveView.progress(frame())
        #expect(!line.contains("\n") && line.contains("crashes"))
    }
}
