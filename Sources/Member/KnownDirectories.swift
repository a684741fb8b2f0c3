import Base
import Cluster
import Platform

/// The numbers of the other members' data directories, kept on disk: by them a member is known that comes back without its data
/// (`Incarnations`). Owned by the peer thread.
final class KnownDirectories {
    private let path: String
    private let logger: Logger
    private var numbers: Incarnations

    /// `directory`: `member` in the data directory.
    init(_ directory: String, logger: Logger) {
        path = directory + "/incarnations"
        self.logger = logger
        numbers = Self.load(path, logger)
    }

    /// Nothing is judged by a file that cannot be read: the numbers are learnt anew.
    private static func load(_ path: String, _ logger: Logger) -> Incarnations {
        do throws(FileError) {
            guard try Files.kind(path) != nil else { return Incarnations() }
            if let known = Incarnations(text: try Files.read(path, bytesMax: 1 << 20).string) { return known }
            logger.warn("the numbers of the other members' data directories are damaged and are learnt anew", ["path": .string(path)])
        } catch {
            logger.warn("the numbers of the other members' data directories cannot be read", ["error": .error(error)])
        }
        return Incarnations()
    }

    /// Nil, or why the member is refused.
    func judge(_ id: MemberID, number: UInt64, member: ClusterMember?) -> String? {
        switch numbers.judge(id, number: number, member: member) {
        case .known: return nil
        case .replaced(let reason): return reason
        case .new:
            save()
            return nil
        }
    }

    /// Members that were removed never come back under their ids.
    func forget(_ ids: Set<MemberID>) {
        if ids.filter({ numbers.forget($0) }).isEmpty { return }
        save()
    }

    /// A disk that takes nothing more is no reason to refuse a member.
    private func save() {
        do throws(FileError) { try Files.replace(path, with: Bytes(numbers.text)) } catch {
            logger.warn("the numbers of the other members' data directories cannot be saved", ["error": .error(error)])
        }
    }
}
