using Microsoft.AspNetCore.Builder;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Runs a program of the service from its start to its end.</summary>
internal static class ServerRun
{
    /// <summary>Builds and runs it until it is told to stop. What whoever started it can mend is printed without a stack trace.</summary>
    /// <param name="section">The configuration section that has the program's ports.</param>
    /// <param name="build">Builds it.</param>
    /// <returns>The process' exit code: 0, or 1 where the start failed.</returns>
    public static int Run(string section, Func<WebApplication> build)
    {
        WebApplication? server = null;
        try
        {
            server = build();
            server.Run();
            return 0;
        }
        catch (OperationCanceledException) when (server?.Lifetime.ApplicationStopping.IsCancellationRequested == true)
        {
            // Told to stop before it had started.
            return 0;
        }
        catch (Exception failure) when (StartFailure.Explain(failure, section) is { } explanation)
        {
            Console.Error.WriteLine(explanation);
            return 1;
        }
    }
}
