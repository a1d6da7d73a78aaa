/** The configuration that the gateway embeds in the page; see `gateway/http/client_reports.py`. */
export interface ReportsConfig extends Origin {
  sentry?: SentryConfig;
  traces?: TracesConfig;
}

/** The origin stated in reports and traces. */
export interface Origin {
  release: string;
  environment: string;
}

export interface SentryConfig {
  dsn: string;
  /** Fraction of errors reported. */
  sample_rate: number;
}

export interface TracesConfig {
  /** OTLP over HTTP endpoint. */
  url: string;
  /** Fraction of questions traced, the same as on gateways and workers. */
  rate: number;
  /** Fraction of visitors who take part. */
  share: number;
}
