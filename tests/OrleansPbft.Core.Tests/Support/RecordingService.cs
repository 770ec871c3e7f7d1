using System.Buffers;
using System.Text;

namespace OrleansPbft.Core.Tests;

/// <summary>A service that remembers every operation applied, in order. "throw", "reject" and "huge" do what they say.</summary>
internal sealed class RecordingService : IStateMachine
{
    private StateTree _tree = new();

    public List<string> Applied { get; } = [];

    public List<OperationContext> Contexts { get; } = [];

    public string Name => "Recording/1";

    public StateTree State => _tree;

    public void Apply(ReadOnlySpan<byte> operation, in OperationContext context, IBufferWriter<byte> result)
    {
        var text = Encoding.UTF8.GetString(operation);
        switch (text)
        {
            case "throw": throw new InvalidOperationException($"on {Environment.CurrentManagedThreadId}");
            case "reject": throw new OperationRejectedException("not like this");
            case "huge":
                result.Write(new byte[10 << 20]);
                return;
        }

        Applied.Add(text);
        Contexts.Add(context);
        _tree.Set(Key(Applied.Count), operation);
        result.Write(Encoding.UTF8.GetBytes($"did {text}"));
    }

    /// <summary>"last" is answered with the operation applied last.</summary>
    public void Query(ReadOnlySpan<byte> operation, IBufferWriter<byte> result)
    {
        switch (Encoding.UTF8.GetString(operation))
        {
            case "throw": throw new InvalidOperationException($"on {Environment.CurrentManagedThreadId}");
            case "huge": result.Write(new byte[10 << 20]); break;
            case "last": result.Write(Encoding.UTF8.GetBytes(Applied.Count == 0 ? "nothing" : Applied[^1])); break;
            default: throw new OperationRejectedException("no such query");
        }
    }

    /// <summary>Changes the state behind the protocol's back.</summary>
    public void Corrupt() => _tree.Set(Key(0), "bits"u8);

    public bool Restore(StateTree state)
    {
        _tree = state;
        Applied.Clear();
        while (state.Find(Key(Applied.Count + 1)) is { } entry) Applied.Add(Encoding.UTF8.GetString(entry.Value.AsSpan()));
        return true;
    }

    public void Rehash() => _tree = _tree.Rehashed();

    private static byte[] Key(int position) => BitConverter.GetBytes(position);
}
