import Member
import Platform

Signals.block()
EtcdProgram.run()
