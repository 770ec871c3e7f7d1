using OrleansPbft.Tests;

namespace OrleansPbft.Cryptography.Tests;

/// <summary>A clock that is off: what its owner takes for the time of day. The monotonic one is right.</summary>
internal sealed class SkewedTime(ManualTime time) : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Offset;

    public override long GetTimestamp() => time.GetTimestamp();
}
