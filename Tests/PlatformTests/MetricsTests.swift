import Platform
import Testing

@Suite struct MetricsTests {
    @Test func `the exposition is Prometheus' text format, in order`() {
        let registry = MetricsRegistry()
        registry.counter("b_total", help: "Calls.", labels: [("method", "Put"), ("code", "a\"b\\c\nd")]).add(3)
        registry.counter("b_total", help: "Calls.", labels: [("method", "Get"), ("code", "OK")]).add()
        registry.counter("b_total", help: "Calls.", labels: [("method", "Get"), ("code", "OK")]).add(1_234_566)
        registry.gauge("a_bytes", help: "A\\size\nhere.").set(-0.25)
        let histogram = registry.histogram("c_seconds", help: "Time.", bounds: Histogram.exponential(start: 0.001, factor: 2, count: 3))
        for value in [0.0005, 0.001, 0.003, 7] { histogram.observe(value) }
        registry.sampled("d", help: "Asked for.") { 1e21 }
        #expect(
            registry.exposition() == """
                # HELP a_bytes A\\\\size\\nhere.
                # TYPE a_bytes gauge
                a_bytes -0.25
                # HELP b_total Calls.
                # TYPE b_total counter
                b_total{method="Get",code="OK"} 1.234567e+06
                b_total{method="Put",code="a\\"b\\\\c\\nd"} 3
                # HELP c_seconds Time.
                # TYPE c_seconds histogram
                c_seconds_bucket{le="0.001"} 2
                c_seconds_bucket{le="0.002"} 2
                c_seconds_bucket{le="0.004"} 3
                c_seconds_bucket{le="+Inf"} 4
                c_seconds_sum 7.0045
                c_seconds_count 4
                # HELP d Asked for.
                # TYPE d gauge
                d 1e+21

                """)
    }

    @Test(arguments: [
        (1.0, "1"), (100_000, "100000"), (1_000_000, "1e+06"), (0.0001, "0.0001"), (0.00001, "1e-05"), (8.192, "8.192"), (.infinity, "+Inf"),
        (1.5e300, "1.5e+300"), (123_456.5, "123456.5"), (-2, "-2"),
    ])
    func `numbers are written as Go writes them`(_ value: Double, _ text: String) {
        #expect(MetricsRegistry.formatNumber(value) == text)
    }

    @Test func `process metrics say something about this process`() {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry)
        let text = registry.exposition()
        #expect(text.contains("process_resident_memory_bytes ") && !text.contains("process_resident_memory_bytes 0\n"))
        #expect(text.contains("process_open_fds ") && !text.contains("process_open_fds 0\n"))
    }
}
