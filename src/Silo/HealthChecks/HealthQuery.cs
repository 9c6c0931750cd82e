namespace GenAI.Chats.Silo.HealthChecks;

/// <summary>
/// The command <c>check URL</c>: queries the health of a running server, for container images without another program for that.
/// </summary>
internal static class HealthQuery
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(4);

    /// <summary>Returns the address to query. Null if the arguments aren't this command.</summary>
    public static Uri? From(string[] args) => args is ["check", var url] && Uri.TryCreate(url, UriKind.Absolute, out var address) ? address : null;

    /// <summary>Runs the query, and prints the response.</summary>
    /// <returns>The exit code: 0 if the server is healthy, otherwise 1.</returns>
    public static async Task<int> RunAsync(Uri address)
    {
        using var http = new HttpClient { Timeout = RequestTimeout };
        try
        {
            using var answer = await http.GetAsync(address);
            Console.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            Console.WriteLine(failure.Message);
            return 1;
        }
    }
}
