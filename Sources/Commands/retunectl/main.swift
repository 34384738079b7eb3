import Glibc

exit(await ControlCommand.carryOut().rawValue)
