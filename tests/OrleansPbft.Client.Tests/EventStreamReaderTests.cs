using System.Text;

namespace OrleansPbft.Client.Tests;

/// <summary>Server-sent events, in whatever pieces they come.</summary>
public sealed class EventStreamReaderTests
{
    private const string Said = ": here\n\nevent: status\ndata: {\"n\":4}\n\nevent: protocol\nid: 7\ndata: one\ndata: two\n\r\nretry: 5\n\ndata:bare\r\n\r\nevent: cut\ndata: off";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task Events_are_read_in_whatever_pieces_they_come(int pieceBytes)
    {
        var reader = new EventStreamReader(new Pieces(Encoding.UTF8.GetBytes(Said), pieceBytes));
        var events = new List<(string, string)>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken) is { } next) events.Add((next.Name, Encoding.UTF8.GetString(next.Data)));

        Assert.Equal([("status", "{\"n\":4}"), ("protocol", "one\ntwo"), ("message", "bare")], events); // what was cut off is no event
    }

    [Fact]
    public async Task A_long_event_is_read_and_one_without_end_is_refused()
    {
        var fits = $"data: {new string('x', 500_000)}\n\n";
        var read = await new EventStreamReader(new MemoryStream(Encoding.UTF8.GetBytes(fits))).ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(500_000, read!.Value.Data.Length);

        var line = new MemoryStream(Encoding.UTF8.GetBytes("data: " + new string('x', 2 * EventStreamReader.BytesMax)));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await new EventStreamReader(line).ReadAsync(TestContext.Current.CancellationToken));

        var lines = new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"data: {new string('x', 10_000)}\n", 2 * EventStreamReader.BytesMax / 10_000))));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await new EventStreamReader(lines).ReadAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Gives its bytes a few at a time.</summary>
    private sealed class Pieces(byte[] bytes, int pieceBytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, pieceBytes)], cancellationToken);
    }
}
