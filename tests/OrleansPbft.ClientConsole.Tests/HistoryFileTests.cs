using OrleansPbft.ClientConsole.Prompt;

namespace OrleansPbft.ClientConsole.Tests;

/// <summary>What was typed is there at the next prompt, for its owner alone, and no more of it than is useful.</summary>
public sealed class HistoryFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("orleanspbft-history-");
    private readonly StringWriter _notices = new();

    private string File => Path.Combine(_directory.FullName, "state", "orleans-pbft", "history");

    [Fact]
    public void Lines_are_there_the_next_time()
    {
        Assert.Equal(0, New().Load().Count);
        var file = New();
        file.Append("put a b");
        file.Append("get a");

        var history = New().Load();

        Assert.Equal(["put a b", "get a"], Enumerable.Range(0, history.Count).Select(i => history[i]));
        Assert.Empty(_notices.ToString());
    }

    [Fact]
    public void Nobody_else_can_read_them()
    {
        if (OperatingSystem.IsWindows()) return;
        New().Append("put secret 1");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, System.IO.File.GetUnixFileMode(Path.GetDirectoryName(File)!));

        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        New().Load();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void What_begins_with_a_space_or_is_very_long_is_not_kept()
    {
        var file = New();
        file.Append(" put secret 1");
        file.Append(new('x', HistoryFile.LineLengthMax + 1));
        file.Append("a\nb");
        Assert.Equal(0, New().Load().Count);

        file.Append("get a");
        Assert.Equal("get a\n", System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void The_newest_are_loaded_and_a_file_that_has_grown_is_cut()
    {
        var file = New();
        for (var i = 0; i < (2 * LineHistory.LinesMax) + 1; i++) file.Append($"get {i}");

        var history = New().Load();

        Assert.Equal((LineHistory.LinesMax, $"get {LineHistory.LinesMax + 1}", $"get {2 * LineHistory.LinesMax}"), (history.Count, history[0], history[^1]));
        Assert.Equal(LineHistory.LinesMax, System.IO.File.ReadLines(File).Count());
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(File)!));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void Where_it_can_not_be_kept_it_says_so_once()
    {
        Directory.CreateDirectory(File); // a folder in its place
        var file = New();
        file.Append("get a");
        file.Append("get b");

        Assert.StartsWith("What is typed is not kept for the next time: ", _notices.ToString(), StringComparison.Ordinal);
        Assert.Single(_notices.ToString().TrimEnd().Split(Environment.NewLine));
    }

    [Fact]
    public void Nowhere_is_fine()
    {
        var file = new HistoryFile(null, _notices);
        file.Append("get a");

        Assert.Equal(0, file.Load().Count);
        Assert.Empty(_notices.ToString());
    }

    [Theory]
    [InlineData("/state", "/home/her", "/state/orleans-pbft/history")]
    [InlineData(null, "/home/her", "/home/her/.local/state/orleans-pbft/history")]
    [InlineData("relative", "/home/her", "/home/her/.local/state/orleans-pbft/history")]
    [InlineData(null, null, null)]
    public void It_is_in_the_users_folder_for_state(string? state, string? home, string? path)
    {
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(path, HistoryFile.DefaultPath(name => name == "XDG_STATE_HOME" ? state : name == "HOME" ? home : null));
    }

    public void Dispose()
    {
        _notices.Dispose();
        _directory.Delete(recursive: true);
    }

    private HistoryFile New() => new(File, _notices);
}
