import Testing

@testable import HoldfastCommand

@Suite struct BenchRowTests {
    @Test("a row holds the medians of its pairs and the spread of their ratios")
    func medians() {
        let pairs = [(90.0, 100.0), (80, 100), (300, 100), (100, 100), (95, 100)]
            .map { BenchPair(ours: $0.0, ceiling: $0.1) }
        let row = BenchRow(name: "client-50", unit: "ops/s", ceilingCommand: "c", pairs: pairs)
        #expect(row.ours == 95)
        #expect(row.ratio == 0.95)
        #expect(row.min == 0.8)
        #expect(row.max == 3)
        #expect(row.runs == 5)
        let line = String(decoding: OutputWriter.bytes(row.document), as: UTF8.self)
        #expect(
            line == #"{"name":"client-50","ours":95,"ceiling":100,"ratio":0.95,"min":0.8,"max":3,"unit":"ops/s","#
                + #""runs":5,"ceilingCommand":"c"}"#)
    }

    @Test("pairs alternate which side goes first")
    func alternation() async throws {
        let order = Order()
        let pairs = try await BenchPair.measure(
            progress: {},
            ours: { await order.add("ours") },
            ceiling: { await order.add("ceiling") }
        )
        #expect(pairs.count == 5)
        let sides = await order.sides
        #expect(sides.prefix(4) == ["ours", "ceiling", "ceiling", "ours"])
    }

    @Test(
        "a word names one row or a family, nothing else",
        arguments: [
            ("client", 4), ("map", 2), ("queue", 3), ("client-1", 2), ("client-50", 1), ("save", 2), ("sessions", 1),
            ("cli", 0),
            ("", 0),
        ])
    func names(word: String, count: Int) {
        #expect(BenchName.matching(word).count == count)
    }

    @Test("the rate is read from redis-benchmark's CSV, commas in the command included")
    func csv() throws {
        let output = """
            "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max"
            "EVAL return {1,2} 0","118343.20","0.401","0.248","0.375","0.575","0.631","0.767"
            """
        #expect(try RedisBenchmark.operationsPerSecond(inCSV: output) == 118_343.2)
    }

    @Test("scripts are counted by both of their commands, and nothing else is")
    func statistics() {
        let info = """
            # Commandstats\r
            cmdstat_evalsha:calls=3,usec=120,usec_per_call=40.00,rejected_calls=0,failed_calls=0\r
            cmdstat_hget:calls=9,usec=9,usec_per_call=1.00,rejected_calls=0,failed_calls=0\r
            cmdstat_eval:calls=1,usec=30,usec_per_call=30.00,rejected_calls=0,failed_calls=0\r
            """
        let statistics = CommandStatistics(info: info)
        #expect(statistics.calls == 4)
        #expect(statistics.micros == 150)
    }

    @Test("a run of redis-benchmark in which Redis answered with errors is no figure")
    func errors() {
        #expect(throws: BenchError.self) {
            try RedisBenchmark.operationsPerSecond(inCSV: "\"test\",\"rps\"\nError from server: NOSCRIPT")
        }
    }

    @Test("a burst of saves is seen, and so are saves that come after the interval")
    func bursts() {
        let second = Duration.milliseconds(100)
        let even = (0..<1_000).map { Duration.milliseconds($0) }
        #expect(AutosaveRow.counts(even, second: second) == Array(repeating: 100, count: 10))
        let late = (0..<1_000).map { _ in Duration.milliseconds(1_250) }
        #expect(AutosaveRow.counts(late, second: second).last == 1_000)
        #expect(AutosaveRow.counts(late, second: second).count == 13)
        #expect(AutosaveRow.percentile(0.99, of: Array(1...200)) == 198)
        #expect(AutosaveRow.percentile(0.99, of: [3, 1, 2]) == 3)
    }

    @Test("no two edits of a bench document leave the same bytes, and they stay incompressible in size")
    func documents() {
        var document = BenchDocument(name: "1")
        var seen = Set<[String]>()
        for _ in 0..<100 {
            document.change()
            seen.insert(document.texts + ["\(document.edits)"])
            #expect(document.texts.allSatisfy { $0.utf8.count == 960 })
        }
        #expect(seen.count == 100)
    }
}

private actor Order {
    var sides: [String] = []

    func add(_ side: String) -> Double {
        sides.append(side)
        return 1
    }
}
