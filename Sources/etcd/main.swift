import Member
import Platform

Signals.block()
EtcdProgram.run(Array(CommandLine.arguments.dropFirst()))
