using GenAI.Chats.Silo.HealthChecks;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Runs a server program.</summary>
public static class ServerRun
{
    /// <summary>Builds the server and runs it until it stops. Errors that the operator can fix are printed without a stack trace.</summary>
    /// <param name="args">The program's arguments: settings, or a command.</param>
    /// <param name="section">The configuration section with the program's ports.</param>
    /// <param name="build">Builds the server.</param>
    /// <param name="command">Runs a command. Returns its exit code, or null if the arguments aren't a command.</param>
    /// <returns>The exit code: 0, or 1 if the server couldn't start.</returns>
    public static async Task<int> RunAsync(string[] args, string section, Func<string[], WebApplication> build, Func<Task<int?>>? command = null)
    {
        if (HealthQuery.From(args) is { } address)
        {
            return await HealthQuery.RunAsync(address);
        }

        var stopping = CancellationToken.None;
        try
        {
            if (command is not null && await command() is { } exitCode)
            {
                return exitCode;
            }

            var server = build(args);
            stopping = server.Lifetime.ApplicationStopping;
            await server.RunAsync();
            return 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped before it had started.
            return 0;
        }
        catch (Exception failure) when (StartFailure.Explain(failure, section) is { } explanation)
        {
            await Console.Error.WriteLineAsync(explanation);
            return 1;
        }
    }
}
