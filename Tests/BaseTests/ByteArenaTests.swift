import Base
import Testing

@Suite struct ByteArenaTests {
    @Test(arguments: 1...10)
    func `strings of all sizes keep their bytes while others come and go`(seed: Int) {
        var random = RandomSource(seed: UInt64(seed))
        var arena = ByteArena()
        var held: [(handle: ByteArena.Handle, bytes: [UInt8])] = []
        let sizes = [0, 1, 15, 16, 17, 300, 1023, 1024, 1025, 5000, 65_535, 65_536, 65_537, 200_000]
        for _ in 0..<1500 {
            if held.count < 40 || Bool.random(using: &random) {
                let size = Int.random(in: 0..<10, using: &random) < 7 ? Int.random(in: 0...64, using: &random) : sizes.randomElement(using: &random)!
                let bytes = [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: size)
                held.append((arena.insert(Bytes(bytes).span), bytes))
            } else {
                let place = Int.random(in: 0..<held.count, using: &random)
                let (handle, bytes) = held.remove(at: place)
                let found = arena.span(handle).array
                #expect(found == bytes)
                arena.remove(handle)
            }
        }
        for (handle, bytes) in held {
            let found = arena.span(handle).array
            #expect(found == bytes)
            arena.remove(handle)
        }
        let count = arena.count
        #expect(count == 0)
    }
}
