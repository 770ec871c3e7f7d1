using OrleansPbft.Simulation.Cluster;

namespace OrleansPbft.Simulation.Network;

/// <summary>The clocks of one node as its sessions see them: the time of day as wrong as the node's, and a monotonic one that is right.</summary>
internal sealed class SessionTime(VirtualTime time, LoopOptions loop) : TimeProvider
{
    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => time.Now.Microseconds;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMicroseconds(loop.Shown(time.Now).Microseconds);
}
