using System.CommandLine;

namespace GenAI.Chats.Silo.Commands;

/// <summary>The command <c>check URL</c>: queries the health of a running server, for container images without another program for that.</summary>
internal static class CheckCommand
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(4);

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var url = new Argument<Uri>("URL")
        {
            Description = "The health URL, for example http://127.0.0.1:8080/healthz/ready.",
            CustomParser = static result =>
            {
                if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
                {
                    return address;
                }

                result.AddError($"Invalid URL '{result.Tokens[0].Value}'. Expected: an http or https URL.");
                return null;
            },
        };
        var command = new Command("check", "Exits with 0 if a health URL returns success, otherwise with 1.") { url };
        command.SetAction((result, cancellationToken) => RunAsync(result.GetRequiredValue(url), result.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Uri address, TextWriter output, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = RequestTimeout };
        try
        {
            using var answer = await http.GetAsync(address, cancellationToken);
            await output.WriteLineAsync($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            await output.WriteLineAsync(failure.Message);
            return 1;
        }
    }
}
