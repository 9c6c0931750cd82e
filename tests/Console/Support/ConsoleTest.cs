using System.Net;
using System.Text;
using GenAI.Chats.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace GenAI.Chats.Console.Tests.Support;

/// <summary>Runs the console in this process, against a scripted service. Such tests run one after the other, because a process has one console.</summary>
[Collection(nameof(ConsoleTest))]
public abstract class ConsoleTest : IAsyncLifetime
{
    private const int Columns = 200;

    private readonly IAnsiConsole _console = AnsiConsole.Console;
    private readonly (TextReader In, TextWriter Out, TextWriter Error) _standard = (System.Console.In, System.Console.Out, System.Console.Error);
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private WebApplication? _app;

    /// <summary>The service.</summary>
    private protected ScriptedChats Service { get; } = new();

    /// <summary>The service's address.</summary>
    protected string Address => new Uri(_app!.Urls.Single()).Authority;

    /// <summary>The standard output so far.</summary>
    protected string Output => _out.ToString().ReplaceLineEndings("\n");

    /// <summary>The standard error so far.</summary>
    protected string Error => _error.ToString().ReplaceLineEndings("\n");

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(Service);
        _app = builder.Build();
        _app.MapGrpcService<ScriptedChats>();
        await _app.StartAsync();

        System.Console.SetOut(new StringWriter(_out));
        System.Console.SetError(new StringWriter(_error));
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(System.Console.Out),
        });
        AnsiConsole.Console.Profile.Width = Columns;
    }

    public async Task DisposeAsync()
    {
        AnsiConsole.Console = _console;
        System.Console.SetIn(_standard.In);
        System.Console.SetOut(_standard.Out);
        System.Console.SetError(_standard.Error);
        await _app!.DisposeAsync();
    }

    /// <summary>Runs the interactive chat with lines that a person types, without the options of a chat.</summary>
    /// <returns>The output, without the greeting.</returns>
    protected Task<string> TypeAsync(params string[] lines) => TypeAsync([], lines);

    /// <summary>Runs the interactive chat with lines that a person types.</summary>
    /// <returns>The output, without the greeting.</returns>
    protected async Task<string> TypeAsync(string[] options, string[] lines)
    {
        System.Console.SetIn(new StringReader(string.Concat(lines.Select(line => $"{line}\n"))));
        var arguments = await Arguments.ParseAsync(["--address", Address, .. options]);
        using var chats = new ChatsClient(arguments.Client);
        var session = await ChatSession.StartAsync(chats, arguments);
        Assert.Equal(ExitCodes.Good, await new Shell(session, arguments.Address).RunAsync());
        return Output[(Output.IndexOf('\n', StringComparison.Ordinal) + 1)..];
    }

    /// <summary>Runs the program.</summary>
    /// <returns>The exit code.</returns>
    protected static int Run(params string[] arguments) => (int)typeof(Shell).Assembly.EntryPoint!.Invoke(null, [arguments])!;
}
