using System.Globalization;
using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>Draws one client's operations from a seed: the same seed, the same operations.</summary>
internal sealed class OperationSource
{
    /// <summary>What a result takes beside the value it brings, at most.</summary>
    public const int ResultOverheadBytes = 32;

    private readonly BenchOptions _options;
    private readonly byte[] _value;
    private readonly ReadOnlyMemory<byte>[] _bundle;
    private readonly bool[] _isRead;
    private ulong _state;

    /// <summary>Makes the source of one client.</summary>
    /// <param name="options">What to draw.</param>
    /// <param name="client">Which client.</param>
    public OperationSource(BenchOptions options, int client)
    {
        _options = options;
        _value = new byte[options.Payload];
        _bundle = new ReadOnlyMemory<byte>[options.Bundle];
        _isRead = new bool[options.Bundle];
        _state = options.Seed ^ ((ulong)(client + 1) * 0x9E3779B97F4A7C15);
        for (var i = 0; i < _value.Length; i++) _value[i] = (byte)('a' + (i % 26));
    }

    /// <summary>How many of the operations of the last bundle were reads.</summary>
    public int ReadsInBundle { get; private set; }

    /// <summary>Whether the last bundle is to be read, and not ordered.</summary>
    public bool IsQuery => !_options.Ordered && ReadsInBundle > 0;

    /// <summary>The longest operation there can be.</summary>
    public static int OperationBytesMax(int payload) => KeyValueOperation.Put(Key(int.MaxValue), new byte[payload]).Length;

    /// <summary>The next bundle. It is overwritten by the one after it.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Next()
    {
        ReadsInBundle = 0;

        // A read that is not ordered is asked of all replicas, and so in a bundle of its own kind.
        bool? together = _options.Ordered || _options.Reads is 0 or 100 ? null : IsRead((uint)Draw());
        for (var i = 0; i < _bundle.Length; i++)
        {
            var draw = Draw();
            var key = Key((int)((draw >> 32) % (ulong)_options.Keys));
            _isRead[i] = together ?? IsRead((uint)draw);
            if (_isRead[i])
            {
                _bundle[i] = KeyValueOperation.Get(key);
                ReadsInBundle++;
            }
            else
            {
                _bundle[i] = KeyValueOperation.Put(key, _value);
            }
        }

        return _bundle;
    }

    /// <summary>Whether an outcome is one that the operation at this place of the last bundle can have.</summary>
    public bool Allows(int index, KeyValueOutcome outcome) =>
        _isRead[index] ? outcome is KeyValueOutcome.Found or KeyValueOutcome.NotFound : outcome is KeyValueOutcome.Written;

    private bool IsRead(uint draw) => draw % 100 < (uint)_options.Reads;

    private static string Key(int index) => string.Create(CultureInfo.InvariantCulture, $"bench/{index}");

    // SplitMix64: https://prng.di.unimi.it/splitmix64.c
    private ulong Draw()
    {
        var mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
