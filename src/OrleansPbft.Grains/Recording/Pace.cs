namespace OrleansPbft.Grains.Recording;

/// <summary>What one replica executed, second by second of the last two minutes. Nothing is allocated after the start.</summary>
internal sealed class Pace
{
    /// <summary>How many seconds are kept, the current one included: a power of two beyond two minutes.</summary>
    public const int SecondsKept = 128;

    private readonly Second[] _seconds = new Second[SecondsKept];

    /// <summary>A batch was executed.</summary>
    public void Add(long nowUs, int requests, long operations)
    {
        var number = nowUs / 1_000_000;
        ref var second = ref _seconds[number % SecondsKept];
        if (second.Number != number) second = new() { Number = number };
        second.Batches++;
        second.Requests += requests;
        second.Operations += operations;
    }

    /// <summary>What was executed in one second.</summary>
    public Second Of(long number) => _seconds[number % SecondsKept] is var second && second.Number == number ? second : new() { Number = number };

    /// <summary>One second's worth.</summary>
    internal struct Second
    {
        /// <summary>Which second, since 1970.</summary>
        public long Number;

        /// <summary>Batches that held anything.</summary>
        public long Batches;

        /// <summary>Requests in them.</summary>
        public long Requests;

        /// <summary>Operations in those.</summary>
        public long Operations;
    }
}
