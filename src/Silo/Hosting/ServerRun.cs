using System.CommandLine;
using GenAI.Chats.Silo.Commands;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Runs a server program.</summary>
internal static class ServerRun
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int WrongUse = 2;

    /// <summary>
    /// Runs the command of the command line, or the server until it stops. Errors that the operator can fix are printed without a stack trace, one per line.
    /// </summary>
    /// <param name="args">The program's arguments.</param>
    /// <param name="program">The program.</param>
    /// <param name="output">The writer for help, and for results of <c>check</c>. If null, the standard output.</param>
    /// <param name="error">The writer for errors. If null, the standard error.</param>
    /// <returns>The exit code: 0, 1 if the server couldn't start or the command failed, or 2 if the command line is invalid.</returns>
    public static async Task<int> RunAsync(string[] args, ServerProgram program, TextWriter? output = null, TextWriter? error = null)
    {
        error ??= Console.Error;
        List<string> settings = [];
        var root = CreateRoot(program, settings);
        var arguments = CommandArguments.Split(args, root);
        settings.AddRange(arguments.Settings);

        // An argument such as @name isn't the name of a file with more arguments.
        var command = root.Parse(arguments.Others, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        var usageErrors = IsHelp(command) ? [] : UsageErrors.Find(command, settings);
        if (usageErrors.Count > 0)
        {
            await error.WriteLineAsync(string.Join(Environment.NewLine, [.. usageErrors, "For usage, run with --help."]));
            return WrongUse;
        }

        try
        {
            // The host handles signals itself, and needs its time to stop.
            return await command.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = output ?? Console.Out,
                Error = error,
            });
        }
        catch (Exception failure) when (StartFailure.Explain(failure, program.Section) is { } explanation)
        {
            await error.WriteLineAsync(explanation);
            return Failed;
        }
    }

    // Or the version, or a completion.
    private static bool IsHelp(ParseResult command) => command.Action is { ClearsParseErrors: true };

    private static RootCommand CreateRoot(ServerProgram program, IReadOnlyList<string> settings)
    {
        var serve = new SettingsCommand("serve", "Runs the server until it's stopped. This is the default.");
        var root = new RootCommand(
            $"{program.Description} Settings are arguments such as --Section:Key=VALUE, or environment variables such as Section__Key=VALUE: see docs/reference/configuration.md.")
        {
            serve,
            CheckCommand.Create(),
        };
        foreach (var command in program.Commands(settings))
        {
            root.Add(command);
        }

        root.SetAction(ServeAsync);
        serve.SetAction(ServeAsync);
        return root;

        Task<int> ServeAsync(ParseResult result, CancellationToken cancellationToken) => RunAsync(program.Build([.. settings]));
    }

    private static async Task<int> RunAsync(WebApplication server)
    {
        var stopping = server.Lifetime.ApplicationStopping;
        await using (server)
        {
            try
            {
                await server.StartAsync();
                await server.WaitForShutdownAsync();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // Stopped before it had started.
            }
            catch
            {
                server.Services.GetService<LogSwitch>()?.TurnOff();

                // Background services that run already end as in a stop. Otherwise, the host would log that they failed.
                server.Lifetime.StopApplication();
                throw;
            }
        }

        return Done;
    }
}
