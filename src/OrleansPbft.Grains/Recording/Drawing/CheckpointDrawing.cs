using OrleansPbft.Client;

namespace OrleansPbft.Grains.Recording.Drawing;

/// <summary>Draws a checkpoint: PBFT 4.3, rule K-1.</summary>
internal static class CheckpointDrawing
{
    /// <summary>Joins what each replica knows of the checkpoint at one sequence number.</summary>
    /// <param name="scene">Of what cluster, and by whose account.</param>
    /// <param name="sequence">n.</param>
    /// <param name="records">By replica; null of those that know nothing, and of those elsewhere.</param>
    public static Picture Draw(Scene scene, long sequence, CheckpointRecord?[] records)
    {
        var known = records.OfType<CheckpointRecord>().ToArray();
        var agreed = Plurality.Of(known.Where(static one => one.StableAt != 0).Select(static one => one.StableDigest));
        if (agreed == 0) agreed = Plurality.Of(known.Where(static one => one.Checkpoint.At != 0).Select(static one => one.Checkpoint.Digest));
        var stableAt = known.Aggregate(0L, static (first, one) => Sent.Earlier(first, one.StableAt));
        var picture = new Picture(scene)
        {
            Id = $"c{sequence}",
            Kind = TraceDocument.CheckpointKind,
            View = 0,
            Sequence = sequence,
            Title = $"checkpoint at n {sequence}",
            Digest = DigestStart.Show(agreed),
            Complete = known.Count(static one => one.StableAt != 0) >= scene.Enough,
        };
        for (var from = 0; from < records.Length; from++)
        {
            var own = records[from];
            for (var to = 0; to < records.Length; to++)
            {
                if (to == from) continue;
                var arrival = records[to]?.Checkpoints[from] ?? default;
                var again = Sent.Earlier(own?.Checkpoint.ResentAt ?? 0, own?.Checkpoints[to].ResentAt ?? 0);
                var lie = arrival.Contradicts ? "two digests of its state" : agreed != 0 && arrival.Digest != agreed ? "another digest of the state than the others" : null;
                picture.Arrows.AddBetween("checkpoint", from, to, new(own?.Checkpoint.At ?? 0, again, stableAt), arrival, lie);
            }

            if (own is not null) picture.AddPhase(from, "stabilise", own.Checkpoint.At, own.StableAt);
        }

        return picture;
    }
}
