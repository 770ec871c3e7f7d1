namespace OrleansPbft.Simulation.Tests.Transcripts;

/// <summary>Compares what a scene did with the reviewed text beside this file, or records it where PBFT_RECORD is 1.</summary>
internal static class Transcript
{
    public static void Verify(Scene scene, string name)
    {
        var actual = scene.ToString();
        var path = Path.Combine(Folder(), $"{name}.txt");
        if (Environment.GetEnvironmentVariable("PBFT_RECORD") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"There is no transcript {name}.txt: record it with PBFT_RECORD=1, and read it.");
        if (Difference(File.ReadAllText(path), actual) is { } difference) Assert.Fail($"{name}.txt: {difference}");
    }

    /// <summary>Where two texts first differ, with the lines around it; null where they do not.</summary>
    public static string? Difference(string expected, string actual)
    {
        var before = expected.ReplaceLineEndings("\n").Split('\n');
        var after = actual.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < Math.Max(before.Length, after.Length); i++)
        {
            if (i < before.Length && i < after.Length && before[i] == after[i]) continue;
            var context = string.Concat(before[Math.Max(0, i - 2)..Math.Min(i, before.Length)].Select(static line => $"\n    {line}"));
            var minus = string.Concat(before[Math.Min(i, before.Length)..Math.Min(i + 4, before.Length)].Select(static line => $"\n  - {line}"));
            var plus = string.Concat(after[Math.Min(i, after.Length)..Math.Min(i + 4, after.Length)].Select(static line => $"\n  + {line}"));
            return $"differs from line {i + 1} on{context}{minus}{plus}";
        }

        return null;
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OrleansPbft.sln"))) folder = folder.Parent;
        Assert.NotNull(folder);
        return Path.Combine(folder.FullName, "tests", "OrleansPbft.Simulation.Tests", "Transcripts");
    }
}
