using Microsoft.AspNetCore.Builder;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Runs a program of the service from its start to its end.</summary>
internal static class ServerRun
{
    /// <summary>Builds and runs it until it is told to stop. What whoever started it can mend is printed without a stack trace.</summary>
    /// <param name="args">The program's arguments: configuration, or a command.</param>
    /// <param name="section">The configuration section that has the program's ports.</param>
    /// <param name="build">Builds it.</param>
    /// <param name="command">Runs what was asked for in its place: the exit code, or null where that is the server itself.</param>
    /// <returns>The process' exit code: 0, or 1 where the start failed.</returns>
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
            // Told to stop before it had started.
            return 0;
        }
        catch (Exception failure) when (StartFailure.Explain(failure, section) is { } explanation)
        {
            await Console.Error.WriteLineAsync(explanation);
            return 1;
        }
    }
}
