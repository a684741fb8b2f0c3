import CommandLine
import Glibc

exit(EtcdctlProgram.make().run(Array(Swift.CommandLine.arguments.dropFirst())))
