namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>The lines typed at all prompts of one user, in a file that nobody else can read. Where that can not be, a notice says so once, and nothing is kept.</summary>
/// <param name="path">Where the file is; null for nowhere.</param>
/// <param name="notices">Takes what a person should know.</param>
internal sealed class HistoryFile(string? path, TextWriter notices)
{
    /// <summary>What is longer is not kept.</summary>
    public const int LineLengthMax = 2000;

    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string? _path = path;

    /// <summary>Where the file of this user is: in the folder for state, as the system has it; null where there is none.</summary>
    /// <param name="environment">Looks up a variable of the environment.</param>
    public static string? DefaultPath(Func<string, string?> environment)
    {
        var folder = environment("XDG_STATE_HOME") is { } state && Path.IsPathRooted(state) ? state
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : environment("HOME") is { } home && Path.IsPathRooted(home) ? Path.Combine(home, ".local", "state")
            : "";
        return folder.Length == 0 ? null : Path.Combine(folder, "orleans-pbft", "history");
    }

    /// <summary>The newest lines of earlier prompts.</summary>
    public LineHistory Load()
    {
        var history = new LineHistory();
        Try(file =>
        {
            if (!File.Exists(file)) return;
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, OwnersFile);
            var lines = 0;
            var newest = new Queue<string>();
            foreach (var line in File.ReadLines(file))
            {
                lines++;
                if (line.Length > LineLengthMax) continue;
                newest.Enqueue(line);
                if (newest.Count > LineHistory.LinesMax) newest.Dequeue();
            }

            foreach (var line in newest) history.Add(line);
            if (lines > 2 * LineHistory.LinesMax) Rewrite(file, newest);
        });
        return history;
    }

    /// <summary>Adds a line; not one that begins with a space, which is how people ask for that, nor one of extraordinary length.</summary>
    public void Append(string line)
    {
        if (line.StartsWith(' ') || line.Length > LineLengthMax || line.AsSpan().ContainsAny('\n', '\r')) return;
        Try(file =>
        {
            if (Path.GetDirectoryName(file) is { Length: > 0 } folder) MakeFolder(folder);
            using var writer = new StreamWriter(Open(file, FileMode.Append));
            writer.Write(line + "\n");
        });
    }

    private static void Rewrite(string file, IEnumerable<string> lines)
    {
        var temporary = $"{file}.{Environment.ProcessId}";
        using (var writer = new StreamWriter(Open(temporary, FileMode.Create)))
        {
            foreach (var line in lines) writer.Write(line + "\n");
        }

        File.Move(temporary, file, overwrite: true);
    }

    private static FileStream Open(string file, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnersFile;
        return new(file, options);
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnersFile | UnixFileMode.UserExecute);
    }

    private void Try(Action<string> attempt)
    {
        if (_path is null) return;
        try
        {
            attempt(_path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            notices.WriteLine($"What is typed is not kept for the next time: {failure.Message}");
            _path = null;
        }
    }
}
