using System.CommandLine;
using System.Text.Json.Nodes;
using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Verbs;

/// <summary>submit: an operation as bytes, for whatever service is replicated.</summary>
internal static class SubmitVerb
{
    public static Command Create(VerbContext context)
    {
        var operation = new Argument<string?>("operation") { Description = "The operation in the service's own encoding, in base64.", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<FileInfo?>("--file") { Description = "Read the operation's bytes from a file instead." };
        var raw = new Option<bool>("--raw") { Description = "Write the result's bytes and nothing else." };
        var verb = new Command("submit", "Have one operation ordered and executed, whatever the service is.") { operation, file, raw };
        context.SetAction(verb, async (parse, cancelled) =>
        {
            var bytes = await ReadAsync(parse.GetValue(operation), parse.GetValue(file), cancelled);
            var client = await context.ConnectAsync(parse, cancelled);
            var outcome = await client.SubmitAsync(bytes, cancelled);
            var data = PbftOperationException.ThrowUnlessDone(outcome.Result);
            var json = Agreement.AddTo(new JsonObject { ["result"] = Convert.ToBase64String(data.Span) }, outcome.View, outcome.Sequence, outcome.Replicas);
            var text = $"{Convert.ToBase64String(data.Span)}\n"
                + $"  sequence {outcome.Sequence.Value}, view {outcome.View.Number}, agreed by replicas {string.Join(", ", outcome.Replicas.ToIndexes())}";
            var result = VerbResult.Done(text, json);
            return parse.GetValue(raw) ? result with { Raw = data } : result;
        });
        return verb;
    }

    private static async Task<byte[]> ReadAsync(string? base64, FileInfo? file, CancellationToken cancelled)
    {
        if (base64 is null == file is null) throw new UsageException("Give either the operation in base64, or --file.");
        if (file is not null) return await File.ReadAllBytesAsync(file.FullName, cancelled);
        var bytes = new byte[base64!.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length)
            ? bytes[..length]
            : throw new UsageException("The operation is no base64.");
    }
}
