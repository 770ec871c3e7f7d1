using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>One of this repository's programs, started as a process of its own. It is killed with the test that started it, at the latest.</summary>
internal sealed partial class ProgramProcess : IAsyncDisposable
{
    public const int Interrupt = 2;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    private const nint ByDefault = 0; // of signal(2)
    private const nint Ignored = 1;

    private readonly Process _process;
    private readonly Task _reading;
    private readonly Lock _gate = new();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly List<(string What, Func<string, bool> Is, TaskCompletionSource<string> Seen)> _waiting = [];

    // What a shell starts in the background ignores interrupts, and so does all that it starts in turn: where the tests were started so, what they start hears them all the same.
    static ProgramProcess()
    {
        var before = Handle(Interrupt, ByDefault);
        if (before != Ignored) Handle(Interrupt, before);
    }

    private ProgramProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, _output), ReadAsync(process.StandardError, _errors));
    }

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_gate) return _output.ToString();
        }
    }

    public string Errors
    {
        get
        {
            lock (_gate) return _errors.ToString();
        }
    }

    /// <summary>Starts a program by the name under which the project file knows it.</summary>
    public static ProgramProcess Start(string program, IEnumerable<string> arguments, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var path = typeof(ProgramProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == program).Value!;
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(), // nothing may depend on where it is started
        };
        start.ArgumentList.Add(path);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["DOTNET_TieredPGO"] = "0"; // it pays for processes that live longer than a test's
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    /// <summary>Starts something else that is installed.</summary>
    public static ProgramProcess StartCommand(string command, IEnumerable<string> arguments) =>
        new(Process.Start(new ProcessStartInfo(command, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        })!);

    /// <summary>Waits for a line of its standard output that starts so, and returns it.</summary>
    public Task<string> LineAsync(string start) => WaitAsync($"starts with '{start}'", line => line.StartsWith(start, StringComparison.Ordinal));

    /// <summary>Waits for a line of its standard output that has all of these in it, and returns it.</summary>
    public Task<string> SaidAsync(params string[] parts) =>
        WaitAsync($"contains '{string.Join("' and '", parts)}'", line => Array.TrueForAll(parts, part => line.Contains(part, StringComparison.Ordinal)));

    private async Task<string> WaitAsync(string what, Func<string, bool> isIt)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_output.ToString().Split('\n').FirstOrDefault(isIt) is { } line) return line;
            _waiting.Add((what, isIt, seen));
        }

        try
        {
            return await seen.Task.InTime();
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"No line {what}. The process said:\n{Output}{Errors}", late);
        }
    }

    /// <summary>Gives it all of its standard input.</summary>
    public async Task TypeAsync(ReadOnlyMemory<byte> input)
    {
        await _process.StandardInput.BaseStream.WriteAsync(input, TestContext.Current.CancellationToken);
        _process.StandardInput.Close();
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().InTime();
        await _reading.InTime();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader, StringBuilder text)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                text.Append(line).Append('\n');
                if (!ReferenceEquals(text, _output)) continue;
                _waiting.RemoveAll(wait =>
                {
                    if (!wait.Is(line)) return false;
                    wait.Seen.SetResult(line);
                    return true;
                });
            }
        }

        lock (_gate)
        {
            foreach (var (what, _, seen) in _waiting)
            {
                seen.TrySetException(new InvalidOperationException($"The process ended without a line that {what}. It said:\n{_output}{_errors}"));
            }

            if (ReferenceEquals(text, _output)) _waiting.Clear();
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Handle(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
